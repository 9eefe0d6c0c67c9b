"""Rules of the house that every file keeps."""
