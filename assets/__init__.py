"""What ships beside the code: pictures, songs, and in `make` what drew and played them."""
