"""Where sound comes from: a sound card, a file played aloud, a file as data, a test tone."""
