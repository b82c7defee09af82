#!/usr/bin/env bash
# Synthesises the accelerator with yosys.
#
#   synth.sh xilinx|ecp5 FOLDER [PARAMETER=VALUE ...]
#
# makes FOLDER/TARGET.v, the netlist of the family's cells, and FOLDER/TARGET.txt, what it is made of, of the build
# with those parameters of saccade_feast. The hierarchy stays, so that a module is synthesised once, however often it
# is there. Nothing is placed or routed: there is no clock frequency in it.
set -euo pipefail
target=$1 folder=$2
shift 2
folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")"

# The package first.
sources=(saccade_pkg.sv)
for source in saccade_*.sv; do
	[ "$source" = saccade_pkg.sv ] || sources+=("$source")
done
parameters=
for parameter in "$@"; do
	parameters+=" -set ${parameter%%=*} ${parameter#*=}"
done
case $target in
xilinx) synthesis="synth_xilinx -family xc7 -noiopad -top saccade_feast" ;;
ecp5) synthesis="synth_ecp5 -noflatten -top saccade_feast" ;;
*)
	echo "synth.sh: target $target: expected xilinx or ecp5" >&2
	exit 2
	;;
esac

yosys -q -l "$folder/$target.log" -p "
	read_verilog -sv ${sources[*]}
	${parameters:+chparam$parameters saccade_feast}
	$synthesis
	write_verilog -noattr $folder/$target.v
	tee -o $folder/$target.txt stat
"
