package org.backdraft.metric;

/**
 * Connected components of an image of classes: pixels of one class that touch along an edge belong
 * together; pixels of class 0 and below belong to none. Used by one thread; allocates nothing.
 *
 * <p>Source: union-find with path halving (Tarjan and van Leeuwen 1984).
 */
final class Components {
  /** The component of a pixel of class 0 or below. */
  static final int NONE = -1;

  private final int height;
  private final int width;
  private final int[] parent;

  Components(int height, int width) {
    this.height = height;
    this.width = width;
    parent = new int[height * width];
  }

  /**
   * Finds the components.
   *
   * @param component written: for each pixel the place of its component's first pixel, or {@link
   *     #NONE}
   */
  void find(int[] classes, int[] component) {
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int at = y * width + x;
        parent[at] = at;
        if (classes[at] > 0) {
          if (x > 0 && classes[at - 1] == classes[at]) {
            join(at - 1, at);
          }
          if (y > 0 && classes[at - width] == classes[at]) {
            join(at - width, at);
          }
        }
      }
    }
    for (int at = 0; at < height * width; at++) {
      component[at] = classes[at] > 0 ? root(at) : NONE;
    }
  }

  /** The smaller place becomes the root, so that a component's name is its first pixel. */
  private void join(int a, int b) {
    int rootA = root(a);
    int rootB = root(b);
    parent[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
  }

  private int root(int at) {
    int node = at;
    while (parent[node] != node) {
      parent[node] = parent[parent[node]];
      node = parent[node];
    }
    return node;
  }
}
