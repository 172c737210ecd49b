"""What home may say: `work` is whose to do, `journey` where a person stands, `telling` how a fact reads."""
