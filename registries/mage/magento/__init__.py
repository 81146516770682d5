"""Source of Mage for Magento 2: runs `tap-magento` as a program, out of a virtual environment of its own.

Mage and the tap need different versions of the same libraries, so the tap is never imported here.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from mage_integrations.sources.base import Source, main
from mage_integrations.sources.catalog import Catalog

SAMPLE_ROWS = 25
# Each stream is a process of its own, and this one has only rows that the others' find.
NOT_ALONE = {"deletions"}
# What a connection is tested with: the whole of a large shop would take longer than Mage waits.
ONE_CHEAP_STREAM = {
    "tap_stream_id": "store_views",
    "stream": "store_views",
    "key_properties": ["id"],
    "schema": {"type": "object", "properties": {"id": {"type": ["integer"]}}},
    "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
}


class Magento(Source):
    """The streams of the tap."""

    def test_connection(self):
        """Read a page of one stream; Mage shows the text of the error."""
        for _ in self._lines({"catalog": {"streams": [ONE_CHEAP_STREAM]}}, "--test"):
            pass

    def discover(self, streams=None):
        """Describe the streams, with the keys by which Mage's destinations update rows."""
        found = json.loads(b"".join(self._lines({}, "--discover")))["streams"]
        names = set(streams or [each["tap_stream_id"] for each in found]) - NOT_ALONE
        return Catalog.from_dict({"streams": [_described(each) for each in found if each["tap_stream_id"] in names]})

    def sync(self, catalog, properties=None):  # noqa: ARG002  Mage passes both
        """Read the selected streams, and pass on what the tap writes."""
        streams = self._selected(catalog)
        with_rows, state = set(), None
        for line in self._messages(streams):
            message = json.loads(line)
            if message["type"] == "STATE":
                state = message["value"]["bookmarks"]
                continue
            if message["type"] == "RECORD":
                with_rows.add(message["stream"])
            if message["type"] == "SCHEMA":
                _write({**message, **_destination_keys(streams[message["stream"]])})
            else:
                sys.stdout.buffer.write(line)
        _expect_known(streams, self.log)
        # Mage merges the states of a batch key by key, so it gets one, of streams that it has seen rows of.
        bookmarks = {name: state[name] for name in streams if state and name in with_rows and name in state}
        if bookmarks:
            _write({"type": "STATE", "value": {"bookmarks": bookmarks}})
        sys.stdout.buffer.flush()

    def load_data(self, stream, **_):
        """Give the first rows of a stream, for a look at it."""
        rows, lines = [], self._messages({stream.tap_stream_id: stream.to_dict()})
        for line in lines:
            message = json.loads(line)
            if message["type"] == "RECORD" and message["stream"] == stream.tap_stream_id:
                rows.append(message["record"])
            if len(rows) == SAMPLE_ROWS:
                break
        lines.close()
        yield rows

    def _selected(self, catalog):
        every = {each["tap_stream_id"]: each for each in catalog.to_dict()["streams"]}
        names = self.selected_streams or [name for name, each in every.items() if _is_selected(each)]
        unknown = ", ".join(name for name in names if name not in every)
        if unknown:
            raise ValueError(f"the catalog has no stream {unknown}")
        return {name: every[name] for name in names}

    def _messages(self, streams):
        catalog = {"streams": [_selecting(each) for each in streams.values()]}
        bookmarks = (self.state or {}).get("bookmarks") or {}
        # Some versions of Mage wrap the state that they saved once more.
        return self._lines({"catalog": catalog, "state": {"bookmarks": bookmarks.get("bookmarks", bookmarks)}})

    def _lines(self, files, *options):
        """Run the tap. Its log comes after its lines: Mage reads both from one pipe, where they would mix."""
        config = {name: value for name, value in self.config.items() if name != "tap_executable"}
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+", encoding="utf-8") as log:
            command = [self.config.get("tap_executable") or "tap-magento", *options]
            for name, content in {"config": config, **files}.items():
                path = Path(folder, f"{name}.json")
                path.write_text(json.dumps(content), encoding="utf-8")
                command += [f"--{name}", str(path)]
            line = b""
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as tap:
                try:
                    for line in tap.stdout:
                        yield line
                except BaseException:  # nobody takes the rest
                    tap.terminate()
                    raise
            log.seek(0)
            self.log = log.read()
            sys.stderr.write(self.log)
            if tap.returncode:
                raise RuntimeError(f"tap-magento failed: {_last_line(self.log) or _finding(line.decode())}")


def _write(message):
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")


def _described(stream):
    keys, bookmark = stream["key_properties"], stream.get("replication_key")
    return {
        **_with_selection(stream, is_selected=False),
        "bookmark_properties": [bookmark] if bookmark else [],
        "unique_constraints": keys,
        "unique_conflict_method": "UPDATE",
    }


def _destination_keys(stream):
    return {
        "replication_method": stream.get("replication_method"),
        "unique_constraints": stream["key_properties"],
        "unique_conflict_method": "UPDATE",
    }


def _selecting(stream):
    return _with_selection(stream, is_selected=True)


def _with_selection(stream, *, is_selected):
    metadata = [each for each in stream["metadata"] if each["breadcrumb"]]
    whole = next((each["metadata"] for each in stream["metadata"] if not each["breadcrumb"]), {})
    return {**stream, "metadata": [{"breadcrumb": [], "metadata": {**whole, "selected": is_selected}}, *metadata]}


def _is_selected(stream):
    return any(each["metadata"].get("selected") for each in stream["metadata"] if not each["breadcrumb"])


def _expect_known(streams, log):
    """Fail by streams that the tap does not have: it warns of them alone, and Mage does not show its log."""
    for line in log.splitlines():
        _, _, text = line.partition(" | run_summary ")
        if not text:
            continue
        summary = json.loads(text)
        unknown = streams.keys() - summary["streams"].keys() - summary["unavailable"].keys()
        if unknown:
            raise ValueError(f"tap-magento has no stream {', '.join(sorted(unknown))} with these settings")


def _last_line(text):
    """Take the text of the last entry in the tap's log: `when | level | logger | text`."""
    return text.strip().rpartition("\n")[2].split(" | ", 3)[-1]


def _finding(line):
    """Take from the report of `--test`, which logs nothing, what is wrong with the stream."""
    return line.rpartition("  ")[2].strip() or "it wrote no log"


if __name__ == "__main__":
    main(Magento)
