"""Where code makes a library act: `calls` finds the calls, the other rooms say which names they have, what is told of
each, and what runs or builds a statement without one."""
