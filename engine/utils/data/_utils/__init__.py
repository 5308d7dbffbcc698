"""The parts of the loader: how samples become batches, how they are fetched, what a worker is."""
