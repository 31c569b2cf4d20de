#!/usr/bin/env bash
# Makes the pictures of the README anew: draws one and lets `tintype render` apply each operation to it.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build_release
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
source_picture=$scratch/lake.png
python3 "$root/scripts/draw_picture.py" "$source_picture"
folder=$root/docs/pictures
mkdir -p "$folder"

# What a watermark takes: the sun, cut out.
"$binary" render "$source_picture" "$scratch/sun.png" --plan crop:288:120:60x60,round:30

# The name of each picture, and its plan. What changes colours or details is shown at half the size.
while read -r name plan; do
  "$binary" render "$source_picture" "$folder/$name.jpg" --plan "$plan" --file "sun=$scratch/sun.png"
done <<'PLANS'
original resize:240x
resize resize:200x100:fit=cover
thumbnail thumbnail:120
crop crop:250:90:160x107
rotate rotate:90,resize:107x
flip flip,resize:240x
flop flop,resize:240x
blur blur:6,resize:240x
sharpen resize:240x,sharpen:4
grayscale grayscale,resize:240x
sepia sepia,resize:240x
saturate saturate:2,resize:240x
hue_rotate hue_rotate:120,resize:240x
invert invert,resize:240x
brightness brightness:1.5,resize:240x
contrast contrast:1.7,resize:240x
pixelate pixelate:16,resize:240x
trim resize:180x,extend:240x160:background=26284f,trim
median median:9,resize:240x
normalize contrast:0.4,normalize,resize:240x
gamma gamma:1.8,resize:240x
tint tint:ffb060,resize:240x
pad resize:208x,pad:16:16:16:16:background=26284f
extend resize:160x,extend:240x160:background=26284f
round resize:240x,round:40
watermark resize:240x,watermark:sun:top_left:margin=12:scale=0.25
compress resize:240x,compress:10
PLANS
ls -l "$folder"
