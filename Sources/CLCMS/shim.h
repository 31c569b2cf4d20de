#include <lcms2.h>

// Pixel formats, which lcms2.h puts together in macros.
enum {
    CLCMS_GRAY_8 = TYPE_GRAY_8,
    CLCMS_GRAY_16 = TYPE_GRAY_16,
    CLCMS_RGBA_8 = TYPE_RGBA_8,
    CLCMS_RGBA_16 = TYPE_RGBA_16,
    CLCMS_CMYK_8 = TYPE_CMYK_8,
    /// 255 is no ink.
    CLCMS_CMYK_8_REVERSED = TYPE_CMYK_8_REV,
};
