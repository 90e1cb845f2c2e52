"""`python -m shared.cli`: the `tandem` command."""

from shared.cli.main import main

if __name__ == "__main__":
    main()
