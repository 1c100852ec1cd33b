"""What excites kernels most, beside their weights: pictures, groups, sound, their worth."""
