"""Models that run on the cluster itself, with transformers: needs the extra `hf` (jobs/requirements-hf.txt)."""
