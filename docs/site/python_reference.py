"""The reference of Python: which objects are public, in which order; mkdocstrings writes what they are."""

from __future__ import annotations

# page -> (title, what stands above, the objects)
_PAGES = {
    "writing": (
        "Writing runs",
        "What `import runjson` gives. The guide is [docs/client.md](../../docs/client.md).",
        [
            "runjson.init",
            "runjson.Run",
            "runjson.field.Field",
            "runjson.CAPTURED",
            "runjson.ParameterChanged",
            "runjson.NotJson",
            "runjson.RunExists",
            "runjson.RunMissing",
        ],
    ),
    "asking": (
        "Asking a tracker",
        "What `runjson.open` gives, and what that gives. The guide is [docs/python.md](../../docs/python.md).",
        [
            "runjson.open",
            "runjson_tracker.reading.tracker.Tracker",
            "runjson_tracker.reading.run.Run",
            "runjson_tracker.reading.series.Series",
            "runjson_tracker.reading.series.Entries",
            "runjson_tracker.reading.files.Image",
            "runjson_tracker.reading.files.Artifact",
            "runjson_tracker.reading.files.File",
            "runjson_tracker.reading.frames.Frame",
            "runjson_tracker.query.groups.Best",
            "runjson_tracker.errors.StoreError",
            "runjson_tracker.errors.StoreMissing",
            "runjson_tracker.errors.RunMissing",
            "runjson_tracker.errors.RunTrashed",
            "runjson_tracker.errors.SourceChanged",
            "runjson_tracker.query.errors.QueryError",
        ],
    ),
    "validating": (
        "Validating",
        "The guide is [docs/validating.md](../../docs/validating.md).",
        [
            "runjson_validator.validate",
            "runjson_validator.Report",
            "runjson_validator.report.FindingReport",
            "runjson_validator.report.Alike",
            "runjson_validator.report.Snippet",
            "runjson_validator.fix.fix",
            "runjson_validator.fix.Fixed",
        ],
    ),
    "uploading": (
        "Uploading",
        "The guide is [docs/uploading.md](../../docs/uploading.md).",
        ["runjson_uploader.upload.upload", "runjson_uploader.upload.Outcome", "runjson_tracker.store.Store"],
    ),
    "reading": (
        "Reading run files",
        "From bytes to the fold and its canonical form, as [SPEC.md](../../schema/SPEC.md) says.",
        [
            "runjson_schema.discover.run_files",
            "runjson_schema.decode.fold_file",
            "runjson_schema.decode.fold_bytes",
            "runjson_schema.decode.RunFile",
            "runjson_schema.fold.Fold",
            "runjson_schema.canonical.canonical",
            "runjson_schema.canonical.digest",
            "runjson_schema.findings.Finding",
            "runjson_schema.findings.Refused",
        ],
    ),
}

# What nobody imports, since `runjson.open` and what it gives give it: its name says enough.
_GIVEN = ("runjson_tracker.reading.", "runjson_tracker.query.groups.")
# Models and records, of which each member is told.
_MEMBERS = ("runjson_validator.Report", "runjson_validator.report.", "runjson_tracker.query.groups.")


def python_pages() -> dict[str, str]:
    """The pages by their path, in Markdown."""
    return {
        f"reference/python/{name}.md": f"# {title}\n\n{above}\n\n" + "".join(map(_wanted, objects))
        for name, (title, above, objects) in _PAGES.items()
    }


def _wanted(name: str) -> str:
    """The words by which mkdocstrings is asked for an object."""
    options = ""
    if name.startswith(_GIVEN):
        options += "        show_root_full_path: false\n"
    if name.startswith(_MEMBERS):
        options += "        show_if_no_docstring: true\n        show_attribute_values: false\n"
    return f"::: {name}\n" + (f"    options:\n{options}" if options else "") + "\n"
