"""A service that the tests of this folder share."""

from collections.abc import Iterator

import pytest
from services import Service, start_service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with two workers."""
    running = start_service(tmp_path_factory.mktemp("service"), "--workers", "2")
    yield running
    running.end()
