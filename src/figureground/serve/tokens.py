"""Who a request is from: bearer tokens, one a line of a file, compared in constant time."""

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

from figureground.errors import FileError, UsageError
from figureground.serve.problems import Problem

SHORTEST = 16  # characters of a token


class Tokens:
    """The tokens that are good."""

    def __init__(self, path: Path | None) -> None:
        """Read a file of tokens, one a line; lines that begin with # are none. None: all may come.

        Raises:
            FileError: it cannot be read.
            UsageError: it holds no token, or one that is short enough to be guessed.
        """
        self._digests = [] if path is None else [_digest(token) for token in _read(path)]
        self._open = path is None

    def check(self, headers: Mapping[str, str], address: str) -> str:
        """The name of a client, which no token can be told from. Raises Problem, 401 or 403.

        headers: `Authorization: Bearer TOKEN`, or remove.bg's `X-Api-Key`.
        """
        if self._open:
            return address
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            token = headers.get("x-api-key", "")
        if not token:
            raise Problem(401, "no_token", "send a token: Authorization: Bearer TOKEN")
        digest = _digest(token.strip())
        known = [hmac.compare_digest(digest, one) for one in self._digests]  # all, however early
        if not any(known):
            raise Problem(403, "auth_failed", "this token is not known here")
        return digest.hex()[:16]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _read(path: Path) -> list[str]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise FileError(f"cannot read the tokens in {str(path)!r}: {reason}") from error
    tokens = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not tokens:
        raise UsageError(f"there is no token in {str(path)!r}; write one a line")
    if min(map(len, tokens)) < SHORTEST:
        raise UsageError(
            f"a token of {str(path)!r} is shorter than {SHORTEST} characters; "
            "`openssl rand -hex 24` makes one"
        )
    return tokens
