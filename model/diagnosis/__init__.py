"""Why a figure that was worked out by hand differs: usual slips, each recalculated with the program's own mathematics."""
