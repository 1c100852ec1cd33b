"""What the page of genres is made of: choosing songs, their spectrograms, kernels with patches."""
