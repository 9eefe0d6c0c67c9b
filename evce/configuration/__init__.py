"""The configuration of a site: one immutable, validated document, its revisions and its file."""
