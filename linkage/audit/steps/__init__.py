"""The steps of `linkage audit`, one file each."""
