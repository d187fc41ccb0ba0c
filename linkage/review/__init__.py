"""The reviewer's pages: what several parties' logs tell together, and how far they can be trusted.

They read exported public material and nothing else, on this machine only, so nobody signs in. All they show comes from
linkage/audit: what the logs tell (story), the tables (report, export), and what does not hold (reconcile).
"""
