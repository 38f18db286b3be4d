"""What a function opens and has to close: where it is opened, where it goes, and the exits at which it is still open.

`openings` finds the calls whose rows say `opens`, `fates` what becomes of each value inside its function, and `paths`
the ways out of the function on which nothing has closed it.
"""
