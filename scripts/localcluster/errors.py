"""The one error of this package: its text says what to do next."""


class ClusterError(Exception):
    pass
