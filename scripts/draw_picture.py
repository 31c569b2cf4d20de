#!/usr/bin/env python3
"""Draws the picture that the documents show, 480 × 320: a lake at dusk. Usage: draw_picture.py OUT.png"""

import math
import struct
import sys
import zlib

WIDTH, HEIGHT, HORIZON = 480, 320, 196
SUN = (318, 150, 26)  # x, y, radius

SKY = [(0, (38, 44, 96)), (90, (122, 84, 142)), (150, (238, 140, 110)), (196, (255, 206, 132))]
RIDGES = [  # base height, colour, then (amplitude, wave length, phase) of each wave
    (150, (126, 92, 140), [(22, 190, 0.4), (9, 61, 1.1), (3, 23, 2.0)]),
    (168, (84, 66, 118), [(20, 130, 2.6), (8, 47, 0.2), (3, 17, 1.0)]),
    (184, (44, 42, 84), [(10, 90, 5.0), (6, 31, 0.6), (2, 9, 0.0)]),
]


def mix(one, other, share):
    return tuple(a + (b - a) * share for a, b in zip(one, other))


def sky(y):
    for (top, above), (bottom, below) in zip(SKY, SKY[1:]):
        if y < bottom:
            return mix(above, below, max(0, y - top) / (bottom - top))
    return SKY[-1][1]


def above_water(x, y):
    color = sky(y)
    distance = math.hypot(x - SUN[0], y - SUN[1])
    color = mix(color, (255, 236, 190), 0.75 * math.exp(-max(0, distance - SUN[2]) / 34))
    if distance < SUN[2]:
        color = (255, 246, 214)
    for base, ridge_color, waves in RIDGES:
        if y > base - sum(height * math.sin(x / length * 2 * math.pi + phase) for height, length, phase in waves):
            color = mix(ridge_color, sky(150), 0.10 + 0.25 * max(0, y - base + 20) / 60)
    return color


def water(x, y):
    depth = y - HORIZON
    ripple = math.sin(depth * depth / 90 + 3 * math.sin(x / 37)) * (1 + depth / 14)
    mirrored = above_water(x + ripple * 2.2, HORIZON - depth * 1.1 + ripple)
    return mix(mirrored, (22, 34, 78), 0.22 + 0.38 * depth / (HEIGHT - HORIZON))


def reeds(x, y):
    """Whether a reed covers this point."""
    for stem in range(17):
        root, top = 24 + stem * 7.3, 150 + 37 * ((stem * 7) % 5) / 4
        lean = ((stem * 5) % 7 - 3) * 2
        rise = (HEIGHT - y) / (HEIGHT - top)
        if 0 <= rise <= 1:
            middle = root + lean * rise * rise
            width = 3.4 if 0.82 < rise < 0.97 else 1.5 * (1.1 - rise)
            if abs(x - middle) < width:
                return True
    return False


def color_at(x, y):
    if reeds(x, y):
        return (26, 24, 44)
    return above_water(x, y) if y < HORIZON else water(x, y)


def pixel(column, row):
    # Four points a pixel, so that edges are smooth.
    points = [color_at(column + dx, row + dy) for dx in (0.25, 0.75) for dy in (0.25, 0.75)]
    return bytes(min(255, max(0, round(sum(channel) / 4))) for channel in zip(*points))


def main():
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    with open(sys.argv[1], "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9))
                   + chunk(b"IEND", b""))


main()
