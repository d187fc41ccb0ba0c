"""Figures for those who lead and review: counts, money, days, precision, outcomes; small counts hidden."""
