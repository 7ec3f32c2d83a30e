/* The software canvas of spice-common behind seven functions, for `python -m spiceproto.tests.canvas_fuzz`.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * spice-common is a part of programs and no library that is installed, so whoever wants to compare builds one; nothing of it
 * is in this project. It comes inside of spice-gtk, which has the decoders of GLZ and of zlib. On Debian (libpixman-1-dev
 * libglib2.0-dev libspice-protocol-dev libssl-dev liblz4-dev libjpeg-dev zlib1g-dev python3-six python3-pyparsing meson gcc):
 *
 *     git clone --recurse-submodules https://gitlab.freedesktop.org/spice/spice-gtk.git && cd spice-gtk/subprojects/spice-common
 *     meson setup ../build -Dgenerate-code=client -Dtests=false -Dmanual=false -Dopus=disabled -Dsmartcard=disabled \
 *         -Dpython-checks=false -Db_staticpic=true
 *     ninja -C ../build
 *     gcc -O2 -g -shared -fPIC -o ../field_canvas.so .../field_canvas.c ../../src/decode-glz.c ../../src/decode-zlib.c \
 *         -I../build -I../build/common -I. -Icommon -I../../src $(pkg-config --cflags spice-protocol gio-2.0 pixman-1) \
 *         ../build/common/libspice-common-client.a ../build/common/libspice-common.a \
 *         $(pkg-config --libs gio-2.0 pixman-1) -llz4 -ljpeg -lz -lm
 *
 * The canvas is compiled here, and with what spice-gtk defines before it includes the same file. Messages come as bytes and
 * go through the parser that spice-common generates for clients. What spice-gtk adds to the canvas is here in its shortest
 * form: a table of surfaces whose rows have four bytes a pixel whatever their format, a cache of images that knows which are
 * lossy, a cache of palettes, and JPEG by libjpeg; and nobody to wait for when GLZ refers to an image that is not there.
 */
#include <config.h>
#include <stdio.h>
#include <string.h>
#include <glib.h>
#include <jpeglib.h>

#define SW_CANVAS_CACHE
#define USE_LZ4
#include "common/sw_canvas.c"
#include "common/demarshallers.h"
#include "common/messages.h"
#include "decode.h"

enum { DONE = 0, NOT_PARSED = 1, NO_SURFACE = 2, NO_SUCH_MESSAGE = 3 };

typedef struct {
    uint32_t id, width, height, format;
    uint8_t *data;
    SpiceCanvas *canvas;
} Shown;

typedef struct {
    pixman_image_t *image;
    gboolean lossy;
} Kept;

typedef struct {
    SpiceJpegDecoder base;
    uint8_t *data;
    int size;
} Jpeg;

static GHashTable *shown, *kept, *palettes;
static spice_parse_channel_func_t parse;
static Jpeg jpeg;
static SpiceGlzDecoderWindow *window;
static SpiceGlzDecoder *glz;
static SpiceZlibDecoder *zlib;

/* -- what the canvas asks for ------------------------------------------------------------------------------------------ */

static void keep(uint64_t id, pixman_image_t *image, gboolean lossy)
{
    Kept *entry = g_new(Kept, 1);
    uint64_t *key = g_new(uint64_t, 1);

    *key = id;
    entry->image = pixman_image_ref(image);
    entry->lossy = lossy;
    g_hash_table_replace(kept, key, entry);
}

static void image_put(SpiceImageCache *cache, uint64_t id, pixman_image_t *image)
{
    keep(id, image, FALSE);
}

static void image_put_lossy(SpiceImageCache *cache, uint64_t id, pixman_image_t *image)
{
    keep(id, image, TRUE);
}

static pixman_image_t *image_found(uint64_t id, gboolean lossy_too)
{
    Kept *entry = g_hash_table_lookup(kept, &id);

    return entry && (lossy_too || !entry->lossy) ? pixman_image_ref(entry->image) : NULL;
}

static pixman_image_t *image_get(SpiceImageCache *cache, uint64_t id)
{
    return image_found(id, TRUE);
}

static pixman_image_t *image_get_lossless(SpiceImageCache *cache, uint64_t id)
{
    return image_found(id, FALSE);
}

static const SpiceImageCacheOps image_cache_ops = {
    .put = image_put,
    .get = image_get,
    .put_lossy = image_put_lossy,
    .replace_lossy = image_put,
    .get_lossless = image_get_lossless,
};
static SpiceImageCache image_cache = { &image_cache_ops };

static void palette_put(SpicePaletteCache *cache, SpicePalette *palette)
{
    size_t size = sizeof(*palette) + palette->num_ents * sizeof(palette->ents[0]);
    SpicePalette *copy = g_malloc(size);

    memcpy(copy, palette, size);
    g_hash_table_replace(palettes, &copy->unique, copy);
}

static SpicePalette *palette_get(SpicePaletteCache *cache, uint64_t id)
{
    return g_hash_table_lookup(palettes, &id);
}

static void palette_release(SpicePaletteCache *cache, SpicePalette *palette)
{
}

static SpicePaletteCacheOps palette_cache_ops = { palette_put, palette_get, palette_release };
static SpicePaletteCache palette_cache = { &palette_cache_ops };

static SpiceCanvas *surface_get(SpiceImageSurfaces *surfaces, uint32_t id)
{
    Shown *found = g_hash_table_lookup(shown, GUINT_TO_POINTER(id));

    return found ? found->canvas : NULL;
}

static const SpiceImageSurfacesOps image_surfaces_ops = { surface_get };
static SpiceImageSurfaces image_surfaces = { &image_surfaces_ops };

static void jpeg_begin(SpiceJpegDecoder *decoder, uint8_t *data, int size, int *width, int *height)
{
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;

    jpeg.data = data;
    jpeg.size = size;
    info.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, data, size);
    jpeg_read_header(&info, TRUE);
    *width = info.image_width;
    *height = info.image_height;
    jpeg_destroy_decompress(&info);
}

static void jpeg_decode(SpiceJpegDecoder *decoder, uint8_t *dest, int stride, int format)
{
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;

    info.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&info);
    jpeg_mem_src(&info, jpeg.data, jpeg.size);
    jpeg_read_header(&info, TRUE);
    info.out_color_space = JCS_RGB;
    jpeg_start_decompress(&info);
    uint8_t *line = g_malloc(info.output_width * 3);
    for (; info.output_scanline < info.output_height; dest += stride) {
        jpeg_read_scanlines(&info, &line, 1);
        int step = format == SPICE_BITMAP_FMT_24BIT ? 3 : 4;
        for (unsigned x = 0; x < info.output_width; x++) {
            dest[x * step] = line[3 * x + 2];
            dest[x * step + 1] = line[3 * x + 1];
            dest[x * step + 2] = line[3 * x];
            if (step == 4) {
                dest[x * step + 3] = 0;
            }
        }
    }
    jpeg_finish_decompress(&info);
    jpeg_destroy_decompress(&info);
    g_free(line);
}

static SpiceJpegDecoderOps jpeg_ops = { jpeg_begin, jpeg_decode };

/* Whether the decoders say what they do. */
gboolean spice_util_get_debug(void)
{
    return FALSE;
}

/* A decoder of GLZ waits here for images of other channels; there is one channel. */
void *g_coroutine_self(void)
{
    return NULL;
}

gboolean g_coroutine_condition_wait(void *self, gboolean (*is_there)(gpointer), gpointer image)
{
    return is_there(image);
}

/* -- its life ---------------------------------------------------------------------------------------------------------- */

static void shown_free(gpointer gone)
{
    Shown *surface = gone;

    surface->canvas->ops->destroy(surface->canvas);
    g_free(surface->data);
    g_free(surface);
}

static void kept_free(gpointer gone)
{
    pixman_image_unref(((Kept *)gone)->image);
    g_free(gone);
}

static void silent(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer to)
{
    if (level & (G_LOG_FLAG_FATAL | G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL)) {
        fprintf(stderr, "%s\n", text);
    }
}

/* Forget everything. To be called first. */
void field_canvas_reset(void)
{
    if (!shown) {
        g_log_set_default_handler(silent, NULL);
        parse = spice_get_server_channel_parser(SPICE_CHANNEL_DISPLAY, NULL);
        jpeg.base.ops = &jpeg_ops;
        window = glz_decoder_window_new();
        glz = glz_decoder_new(window);
        zlib = zlib_decoder_new();
    } else {
        glz_decoder_destroy(glz);
        glz_decoder_window_destroy(window);
        window = glz_decoder_window_new();
        glz = glz_decoder_new(window);
        g_hash_table_destroy(shown);
        g_hash_table_destroy(kept);
        g_hash_table_destroy(palettes);
    }
    shown = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, shown_free);
    kept = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, kept_free);
    palettes = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free);
}

static int create(SpiceMsgSurfaceCreate *wanted)
{
    Shown *surface = g_new0(Shown, 1);

    surface->id = wanted->surface_id;
    surface->width = wanted->width;
    surface->height = wanted->height;
    surface->format = wanted->format;
    surface->data = g_malloc0((size_t)wanted->width * 4 * wanted->height);
    surface->canvas = canvas_create_for_data(wanted->width, wanted->height, wanted->format, surface->data,
                                             wanted->width * 4, &image_cache, &palette_cache, &image_surfaces,
                                             glz, &jpeg.base, zlib);
    g_hash_table_replace(shown, GUINT_TO_POINTER(surface->id), surface);
    return DONE;
}

static void draw(SpiceCanvas *canvas, int type, uint8_t *message)
{
    SpiceMsgDisplayBase *base = (SpiceMsgDisplayBase *)message;

#define CARRY_OUT(NAME, TYPE, FUNCTION)                                                                              \
    case SPICE_MSG_DISPLAY_DRAW_##NAME:                                                                              \
        canvas->ops->draw_##FUNCTION(canvas, &base->box, &base->clip, &((SpiceMsgDisplayDraw##TYPE *)message)->data); \
        break;

    switch (type) {
    case SPICE_MSG_DISPLAY_COPY_BITS:
        canvas->ops->copy_bits(canvas, &base->box, &base->clip, &((SpiceMsgDisplayCopyBits *)message)->src_pos);
        break;
    CARRY_OUT(FILL, Fill, fill)
    CARRY_OUT(OPAQUE, Opaque, opaque)
    CARRY_OUT(COPY, Copy, copy)
    CARRY_OUT(BLEND, Blend, blend)
    CARRY_OUT(BLACKNESS, Blackness, blackness)
    CARRY_OUT(WHITENESS, Whiteness, whiteness)
    CARRY_OUT(INVERS, Invers, invers)
    CARRY_OUT(ROP3, Rop3, rop3)
    CARRY_OUT(STROKE, Stroke, stroke)
    CARRY_OUT(TEXT, Text, text)
    CARRY_OUT(TRANSPARENT, Transparent, transparent)
    CARRY_OUT(ALPHA_BLEND, AlphaBlend, alpha_blend)
    CARRY_OUT(COMPOSITE, Composite, composite)
    }
}

/* Take the body of one message of a display channel; what became of it. */
int field_canvas_message(int type, const uint8_t *body, size_t size)
{
    uint8_t *copy = g_malloc(size + 1), *message;
    size_t parsed_size;
    message_destructor_t destroy = NULL;
    int status = DONE;

    memcpy(copy, body, size);
    message = parse(copy, copy + size, type, 2, &parsed_size, &destroy);
    if (!message) {
        g_free(copy);
        return NOT_PARSED;
    }
    if (type == SPICE_MSG_DISPLAY_SURFACE_CREATE) {
        status = create((SpiceMsgSurfaceCreate *)message);
    } else if (type == SPICE_MSG_DISPLAY_SURFACE_DESTROY) {
        uint32_t id = ((SpiceMsgSurfaceDestroy *)message)->surface_id;
        status = g_hash_table_remove(shown, GUINT_TO_POINTER(id)) ? DONE : NO_SURFACE;
    } else if (type == SPICE_MSG_DISPLAY_INVAL_LIST) {
        SpiceResourceList *list = (SpiceResourceList *)message;
        for (int i = 0; i < list->count; i++) {
            uint64_t id = list->resources[i].id;
            g_hash_table_remove(kept, &id);
        }
    } else if (type == SPICE_MSG_DISPLAY_COPY_BITS ||
               (type >= SPICE_MSG_DISPLAY_DRAW_FILL && type <= SPICE_MSG_DISPLAY_DRAW_ALPHA_BLEND) ||
               type == SPICE_MSG_DISPLAY_DRAW_COMPOSITE) {
        Shown *surface = g_hash_table_lookup(shown, GUINT_TO_POINTER(((SpiceMsgDisplayBase *)message)->surface_id));
        if (surface) {
            draw(surface->canvas, type, message);
        } else {
            status = NO_SURFACE;
        }
    } else {
        status = NO_SUCH_MESSAGE;
    }
    destroy(message);
    g_free(copy);
    return status;
}

/* The pixels of a surface, rows of 4 * width bytes, to be read and to be written; NULL if there is none. */
uint8_t *field_canvas_pixels(uint32_t id)
{
    Shown *surface = g_hash_table_lookup(shown, GUINT_TO_POINTER(id));

    return surface ? surface->data : NULL;
}

/* The version of pixman that is at work. */
const char *field_canvas_pixman(void)
{
    return pixman_version_string();
}
