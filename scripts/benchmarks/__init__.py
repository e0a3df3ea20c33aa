"""What `make bench` measures: codecs, sessions and memory, each figure beside a floor measured in the same run."""
