"""One module an output; each turns a run into text or files and asks nobody else."""
