"""What is measured of the product, by scripts that anyone can run again; the figures stand in README.md."""
