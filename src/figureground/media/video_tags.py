"""What a video says of itself: which tags stay true of its result, and which a container holds."""

from collections.abc import Iterator, Mapping

HEARD = {"handler_name", "language", "title"}  # tags that stay true of a stream in another codec
STALE = {
    "rotate", "encoder", "major_brand", "minor_version", "compatible_brands",  # of the old file
    "timecode",  # of its first frame, which may be another now; see `video_timecode`
}  # fmt: skip
COUNTED = (
    "bps",
    "duration",
    "number_of_",
    "_statistics_",
)  # beginnings of tags that Matroska's tools write
# Names that Matroska writes in capitals, and Apple not.
SPELLED = {"location.iso6709": "location.ISO6709"}
APPLE = "com.apple.quicktime."
MP4_TAGS = {
    "album", "album_artist", "artist", "comment", "compilation", "composer", "copyright",
    "creation_time", "date", "description", "disc", "episode_id", "episode_sort", "genre",
    "grouping", "hd_video", "keywords", "location", "lyrics", "media_type", "network",
    "season_number", "show", "synopsis", "title", "track",
}  # fmt: skip
MOV_TAGS = {
    "album", "artist", "comment", "copyright", "creation_time", "date", "genre", "location",
    "make", "model", "title",
}  # fmt: skip
# Tags for which these containers have a place of their own; others fit in as keys of QuickTime's,
# which take the place of all, and of covers. Containers that are not here hold any tag.
PLACES = {".m4v": MP4_TAGS, ".mov": MOV_TAGS, ".mp4": MP4_TAGS}
KEYS = {"movflags": "use_metadata_tags"}  # of libavformat's muxer for MP4 and MOV


def true_tags(metadata: Mapping[str, str], suffix: str) -> dict[str, str]:
    """Return a file's tags that are true of its result, named as files of this ending name them."""
    tags = dict(_true(metadata, spelled=suffix in PLACES))
    place = tags.get("location")
    return {
        name: value
        for name, value in tags.items()
        if not (name.startswith("location-") and value == place)  # libavformat's second name of it
    }


def _true(metadata: Mapping[str, str], *, spelled: bool) -> Iterator[tuple[str, str]]:
    for name, value in metadata.items():
        small = name.lower()
        if small in STALE or small.startswith(COUNTED):
            continue
        if spelled and name.isupper():
            name = small
            if small.startswith(APPLE):
                own = small.removeprefix(APPLE)
                name = APPLE + SPELLED.get(own, own)
        if small == "creation_time":
            value = value.partition(";")[0]  # FFmpeg 9 reads it twice from MOV
        yield name, value


def homeless(tags: Mapping[str, str], suffix: str) -> list[str]:
    """Return the names of tags for which a file of this ending has no place of its own."""
    places = PLACES.get(suffix)
    return [] if places is None else sorted(set(tags) - places)


def choose_tags(
    metadata: Mapping[str, str], suffix: str, *, covers: bool
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Return the tags that a result can have, options that its muxer needs for them, and what is lost.

    Args:
        metadata: of the source.
        suffix: ending of the result's name.
        covers: whether the result has a cover, beside which there are no keys of QuickTime's.
    """
    tags = true_tags(metadata, suffix)
    homes = homeless(tags, suffix)
    if not covers or not homes:
        return tags, KEYS if homes else {}, []
    note = f"left out: tags ({', '.join(homes)}), which {suffix} cannot hold beside a cover"
    return {name: value for name, value in tags.items() if name not in homes}, {}, [note]


def stream_tags(metadata: Mapping[str, str], *, recoded: bool, kept: bool) -> dict[str, str]:
    """Return the tags of a stream that stay true of it in the result.

    Args:
        metadata: of the source's stream.
        recoded: whether it has another codec there.
        kept: False leaves but its language, without which nobody can choose it.
    """
    if not kept:
        return {name: value for name, value in metadata.items() if name == "language"}
    if recoded:
        return {name: value for name, value in metadata.items() if name.lower() in HEARD}
    tags = dict(_true(metadata, spelled=False))
    return {name: value for name, value in tags.items() if name != "vendor_id"}
