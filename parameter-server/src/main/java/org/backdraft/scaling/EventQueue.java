package org.backdraft.scaling;

import java.util.Arrays;

/** What happens when, earliest first, and of equal times the lowest number first; a binary heap. */
final class EventQueue {
  private double[] times = new double[1024];
  private int[] events = new int[1024];
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  /** The time of the earliest event. */
  double time() {
    return times[0];
  }

  void add(double time, int event) {
    if (size == times.length) {
      times = Arrays.copyOf(times, 2 * size);
      events = Arrays.copyOf(events, 2 * size);
    }
    int at = size++;
    while (at > 0 && isBefore(time, event, (at - 1) / 2)) {
      move((at - 1) / 2, at);
      at = (at - 1) / 2;
    }
    times[at] = time;
    events[at] = event;
  }

  /** Takes the earliest event away. */
  int remove() {
    int earliest = events[0];
    size--;
    double time = times[size];
    int event = events[size];
    int at = 0;
    while (true) {
      int child = 2 * at + 1;
      if (child + 1 < size && isBefore(times[child + 1], events[child + 1], child)) {
        child++;
      }
      if (child >= size || isBefore(time, event, child)) {
        break;
      }
      move(child, at);
      at = child;
    }
    times[at] = time;
    events[at] = event;
    return earliest;
  }

  private boolean isBefore(double time, int event, int at) {
    return time < times[at] || (time == times[at] && event < events[at]);
  }

  private void move(int from, int to) {
    times[to] = times[from];
    events[to] = events[from];
  }
}
