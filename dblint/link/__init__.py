"""The whole project: names, then types, then meaning. Builds `Project`."""
