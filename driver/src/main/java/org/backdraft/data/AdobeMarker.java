package org.backdraft.data;

/** How a JPEG of four channels stores them, by Adobe's application marker (APP14). */
enum AdobeMarker {
  /** No marker: CMYK, where 0 is no ink. */
  NONE,
  /** CMYK, where 255 is no ink. */
  CMYK,
  /** The same with the first three as luma and chroma. */
  YCCK;

  private static final int START_OF_SCAN = 0xda;
  private static final int APPLICATION_14 = 0xee;
  private static final int TRANSFORM_AT = 11;

  /** The marker of the JPEG {@code bytes[begin, end)}. */
  static AdobeMarker find(byte[] bytes, int begin, int end) {
    int at = segment(bytes, begin, end, APPLICATION_14, APPLICATION_14);
    if (at < 0 || at + 4 + TRANSFORM_AT >= end || bytes[at + 4] != 'A' || bytes[at + 5] != 'd') {
      return NONE;
    }
    return bytes[at + 4 + TRANSFORM_AT] == 2 ? YCCK : CMYK;
  }

  /** The channels that its frame header gives; 0 where none is found. */
  static int components(byte[] bytes, int begin, int end) {
    int at = segment(bytes, begin, end, 0xc0, 0xcf);
    return at < 0 || at + 9 >= end ? 0 : bytes[at + 9] & 0xff;
  }

  /** Where the first segment of a kind in [least, most] begins; −1 for none before the scan. */
  private static int segment(byte[] bytes, int begin, int end, int least, int most) {
    int at = begin + 2;
    while (at + 4 <= end && (bytes[at] & 0xff) == 0xff) {
      int kind = bytes[at + 1] & 0xff;
      if (kind == 0xff) { // a fill byte
        at++;
        continue;
      }
      boolean isFrame = kind != 0xc4 && kind != 0xc8 && kind != 0xcc; // no tables
      if (kind >= least && kind <= most && isFrame) {
        return at;
      }
      if (kind == START_OF_SCAN) {
        return -1;
      }
      at += 2 + (((bytes[at + 2] & 0xff) << 8) | (bytes[at + 3] & 0xff));
    }
    return -1;
  }
}
