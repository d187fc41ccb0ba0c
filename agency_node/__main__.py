"""Run `python -m agency_node` as the `agency-node` command."""

from agency_node.command import main

if __name__ == "__main__":
    raise SystemExit(main())
