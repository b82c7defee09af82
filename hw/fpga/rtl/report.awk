# Makes a report of what yosys's stat says of a design that was synthesised with its hierarchy: what each module is made
# of, with all that is in it, then the design's cells by their names.
#
#   awk -v says="TITLE" -f report.awk STAT
BEGIN {
	n = split("LUTs carries registers multipliers blocks LUT-RAMs shifts muxes", columns, " ")
	kind["CARRY4"] = kind["CCU2C"] = "carries"
	kind["DSP48E1"] = kind["MULT18X18D"] = "multipliers"
	kind["RAMB36E1"] = kind["DP16KD"] = "blocks"
	kind["RAMB18E1"] = "blocks" # half a one
	kind["RAM32M"] = kind["RAM64M"] = kind["TRELLIS_DPR16X4"] = "LUT-RAMs"
	kind["SRL16E"] = kind["SRLC32E"] = "shifts"
	kind["MUXF7"] = kind["MUXF8"] = kind["PFUMX"] = kind["L6MUX21"] = "muxes"
	for (i = 1; i <= 6; i++) kind["LUT" i] = "LUTs"
	kind["INV"] = "LUTs" # placed in whatever it feeds
	kind["FDRE"] = kind["FDSE"] = kind["TRELLIS_FF"] = "registers"
}
/^=== / {
	at = $2
	if (at == "design") exit
	next
}
/Number of cells/ { counting = 1; next }
!NF { counting = 0 }
counting {
	cells[at] = cells[at] " " $1 " " $2
	if ($1 ~ /saccade_/) inside[$1] = 1
}

# add puts all that a module is made of into the sums named by its place in the tree.
function add(name, times, place,    list, m, i) {
	m = split(cells[name], list, " ")
	for (i = 1; i < m; i += 2)
		if (list[i] ~ /saccade_/) add(list[i], times * list[i+1], place)
		else {
			sum[place, kind[list[i]]] += times * list[i+1] * (list[i] == "RAMB18E1" ? 0.5 : 1)
			if (place == 1) all[list[i]] += times * list[i+1]
			if (!(list[i] in kind)) unknown = unknown " " list[i]
		}
}
function show(name, times, depth,    list, m, i, k, place, short, line) {
	place = ++places
	add(name, 1, place)
	short = name
	sub(/^.*\\saccade_/, "saccade_", short)
	sub(/\\.*/, "", short)
	line = sprintf("%-30s", sprintf("%*s%s%s", 2 * depth, "", short, times > 1 ? " x" times : ""))
	for (k = 1; k <= n; k++) line = line sprintf(" %11s", sum[place, columns[k]] + 0)
	print line
	m = split(cells[name], list, " ")
	for (i = 1; i < m; i += 2)
		if (list[i] ~ /saccade_/ && list[i] !~ /saccade_(ram|fifo)$/) show(list[i], list[i+1], depth + 1)
}
END {
	print says
	print ""
	printf "%-30s", "one of each, with all in it"
	for (k = 1; k <= n; k++) printf " %11s", columns[k]
	print ""
	for (name in cells) if (!(name in inside)) show(name, 1, 0)
	print ""
	m = 0
	for (name in all) names[++m] = name
	for (i = 1; i <= m; i++)
		for (k = i + 1; k <= m; k++) if (names[k] < names[i]) { swap = names[i]; names[i] = names[k]; names[k] = swap }
	for (i = 1; i <= m; i++) printf "%10d %s\n", all[names[i]], names[i]
	if (unknown != "") { print "cells of no known kind:" unknown; exit 1 }
}
