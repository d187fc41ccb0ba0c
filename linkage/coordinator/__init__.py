"""Run the linkage unit: collect encodings, match them, deliver the sealed result, erase.

Nothing in this package can normalise, encode or load a linkage secret; a test holds that.
"""
