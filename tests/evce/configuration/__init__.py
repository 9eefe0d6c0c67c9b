"""Tests of the site document, its checks, its file and its revisions."""
