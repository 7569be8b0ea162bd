package org.backdraft.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.tensor.Shape;

/**
 * Images and labels in two IDX files of a folder: {@code train-…} or {@code t10k-…}, {@code idx3}
 * (N×H×W) or {@code idx4} (N×C×H×W) in the images' name, {@code idx1} in the labels'.
 *
 * <p>There are as many classes as the training labels' largest plus one, and at least ten: a part
 * of the ten digits without the digit 9 is still of the ten digits. Labels are all read on opening,
 * images by the reading job, which also checks that a compressed file ends where it must.
 */
final class IdxSource implements DataSource {
  private static final long serialVersionUID = 1L;

  private static final String TRAIN = "train-";

  /** How the names of the test split begin. */
  static final String TEST = "t10k-";

  private static final int LEAST_CLASSES = 10;
  private static final int BUFFER_BYTES = 1 << 16;

  private final String uri;
  private final HadoopSettings settings;
  private final IdxFile images;
  private final IdxFile labels;
  private final Shape shape;
  private final List<String> classes;

  private IdxSource(
      String uri,
      HadoopSettings settings,
      IdxFile images,
      IdxFile labels,
      Shape shape,
      List<String> classes) {
    this.uri = uri;
    this.settings = settings;
    this.images = images;
    this.labels = labels;
    this.shape = shape;
    this.classes = classes;
  }

  static IdxSource open(String location, Split split, HadoopSettings settings) throws IOException {
    IdxFolder folder = IdxFolder.list(location, settings);
    String prefix = split == Split.TRAIN ? TRAIN : TEST;
    IdxFile images = folder.open(prefix, "idx3", "idx4");
    IdxFile labels = folder.open(prefix, "idx1");
    if (images.items() != labels.items()) {
      throw new DataException(
          "There must be one label for each image: %s has %d images, %s has %d labels."
              .formatted(images.path(), images.items(), labels.path(), labels.items()));
    }
    int largest = largestLabel(labels, settings);
    int classes = Math.max(LEAST_CLASSES, largest + 1);
    if (split != Split.TRAIN && folder.has(TRAIN, "idx1")) {
      classes = Math.max(LEAST_CLASSES, largestLabel(folder.open(TRAIN, "idx1"), settings) + 1);
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      names.add(Integer.toString(i));
    }
    List<Integer> dims = images.dims();
    Shape shape =
        dims.size() == 3
            ? Shape.of(1, dims.get(1), dims.get(2))
            : Shape.of(dims.get(1), dims.get(2), dims.get(3));
    IdxSource source =
        new IdxSource("idx:" + location, settings, images, labels, shape, List.copyOf(names));
    if (largest >= classes) {
      source.findBadLabel();
    }
    return source;
  }

  private static int largestLabel(IdxFile labels, HadoopSettings settings) throws IOException {
    int largest = 0;
    byte[] buffer = new byte[BUFFER_BYTES];
    try (IdxFile.Items items = labels.from(0, settings)) {
      for (int at = 0; at < labels.items(); at += buffer.length) {
        int count = Math.min(buffer.length, labels.items() - at);
        items.read(buffer, 0, count);
        for (int i = 0; i < count; i++) {
          largest = Math.max(largest, buffer[i] & 0xff);
        }
      }
      items.expectEnd();
    }
    return largest;
  }

  /** Throws for the first label that is out of range; called when there is one. */
  private void findBadLabel() throws IOException {
    byte[] one = new byte[1];
    try (IdxFile.Items items = labels.from(0, settings)) {
      for (int i = 0; i < labels.items(); i++) {
        items.read(one, 0, 1);
        checkLabel(i, one[0] & 0xff);
      }
    }
  }

  private void checkLabel(int item, int label) throws DataException {
    if (label >= classes.size()) {
      throw new DataException(
          "%s: offset %d: label %d must lie in [0, %d), the classes of the training set: found %d."
              .formatted(
                  labels.path(), labels.headerBytes() + (long) item, item, classes.size(), label));
    }
  }

  @Override
  public String uri() {
    return uri;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int examples() {
    return images.items();
  }

  @Override
  public int bytesPerExample() {
    return images.itemBytes();
  }

  @Override
  public boolean seekable() {
    // A compressed file of labels is a thousandth of the images: reading its front costs nothing.
    return !images.gzip();
  }

  @Override
  public BlockReader read(int begin, int end, int examplesPerBlock) throws IOException {
    IdxFile.Items imageItems = images.from(begin, settings);
    try {
      return new Reader(imageItems, labels.from(begin, settings), begin, end, examplesPerBlock);
    } catch (IOException e) {
      imageItems.close();
      throw e;
    }
  }

  private final class Reader implements BlockReader {
    private final IdxFile.Items imageItems;
    private final IdxFile.Items labelItems;
    private final BlockCuts cuts;

    Reader(IdxFile.Items imageItems, IdxFile.Items labelItems, int begin, int end, int perBlock) {
      this.imageItems = imageItems;
      this.labelItems = labelItems;
      cuts = new BlockCuts(begin, end, perBlock);
    }

    @Override
    public RecordBlock next() throws IOException {
      if (!cuts.advance()) {
        return null;
      }
      int size = cuts.size();
      byte[] bytes = new byte[size * bytesPerExample()];
      imageItems.read(bytes, 0, size);
      byte[] labelBytes = new byte[size];
      labelItems.read(labelBytes, 0, size);
      int[] labelValues = new int[size];
      for (int i = 0; i < size; i++) {
        labelValues[i] = labelBytes[i] & 0xff;
        checkLabel(cuts.begin() + i, labelValues[i]);
      }
      if (cuts.end() == examples()) {
        imageItems.expectEnd();
        labelItems.expectEnd();
      }
      return RecordBlock.ofEqualRecords(cuts.begin(), labelValues, bytes);
    }

    @Override
    public void close() throws IOException {
      try {
        imageItems.close();
      } finally {
        labelItems.close();
      }
    }
  }
}
