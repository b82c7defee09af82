#!/usr/bin/env bash
# Synthesises the accelerator with yosys.
#
#   synth.sh xilinx|ecp5 FOLDER [PARAMETER=VALUE ...]
#
# makes FOLDER/FAMILY.v, the netlist of the family's cells, and FOLDER/FAMILY.txt, what it is made of (report.awk), of the
# build with those parameters of saccade_feast, or of the module that SACCADE_TOP names. The hierarchy stays, so that a
# module is synthesised once, however often it is there. Pads and the clock's buffer are left to what the accelerator
# becomes a part of. Nothing is placed or routed: there is no clock frequency in it.
set -euo pipefail
family=$1 folder=$2 top=${SACCADE_TOP:-saccade_feast}
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
case $family in
xilinx) synthesis="synth_xilinx -family xc7 -noiopad -noclkbuf -top $top" ;;
ecp5) synthesis="synth_ecp5 -noflatten -top $top" ;;
*)
	echo "synth.sh: family $family: expected xilinx or ecp5" >&2
	exit 2
	;;
esac

yosys -q -l "$folder/$family.log" -p "
	read_verilog -sv ${sources[*]}
	${parameters:+chparam$parameters $top}
	$synthesis
	write_verilog -noattr $folder/$family.v
	tee -o $folder/$family.stat stat
"
version=$(yosys -V)
awk -v says="${SACCADE_TOP:+SACCADE_TOP=$SACCADE_TOP }synth.sh $family FOLDER${*:+ $*}: ${version%% (*}" -f report.awk "$folder/$family.stat" >"$folder/$family.txt"
