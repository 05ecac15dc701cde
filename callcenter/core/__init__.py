"""The shared language of the slices. Invariant: nothing in here reads a clock, a file or a socket."""
