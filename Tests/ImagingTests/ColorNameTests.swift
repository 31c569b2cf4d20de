import Imaging
import Testing

@Suite struct `A colour's name` {
    /// CSS' names for these colours are the same, but for "lime", "navy", "maroon", "teal" and the like.
    @Test(
        arguments: [
            ("000000", "black"), ("ffffff", "white"), ("808080", "gray"), ("404040", "dark gray"),
            ("d3d3d3", "light gray"), ("ff0000", "red"), ("8b0000", "dark red"), ("800000", "dark red"),
            ("ffa500", "orange"), ("ff8c00", "orange"), ("ffff00", "yellow"), ("ffffe0", "beige"),
            ("f0e68c", "light yellow"), ("808000", "olive"), ("00ff00", "green"), ("008000", "green"),
            ("90ee90", "green"), ("8fbc8f", "light green"), ("40e0d0", "turquoise"), ("008080", "turquoise"),
            ("0000ff", "blue"), ("00008b", "dark blue"), ("000080", "dark blue"), ("87ceeb", "light blue"),
            ("708090", "grayish blue"), ("663399", "purple"), ("ff00ff", "magenta"), ("ffc0cb", "light pink"),
            ("ff69b4", "pink"), ("8b4513", "brown"), ("402818", "dark grayish brown"), ("d2b48c", "light brown"),
            ("f5f5dc", "beige"),
        ])
    func `is what people call it`(_ hex: String, _ name: String) throws {
        #expect(try #require(Color(hex)).name == name)
    }

    @Test func `of a gray is never a hue`() {
        for value in UInt8.min...UInt8.max {
            let name = Color(red: value, green: value, blue: value).name
            #expect(["black", "dark gray", "gray", "light gray", "white"].contains(name))
        }
    }
}
