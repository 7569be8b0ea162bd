package org.backdraft.jobs.bench;

import org.backdraft.kernel.KernelLookup;

/** The time of a square matrix product, packing included. */
public final class GemmBench {
  private GemmBench() {}

  /**
   * What to measure.
   *
   * @param size rows and columns of both matrices
   * @param seconds of measurement; see {@link Timing} for the warm-up
   */
  public record Request(int size, int threads, double seconds) {}

  /**
   * What came out.
   *
   * @param kernels that ran
   */
  public record Result(String kernels, Timing timing, Throughput throughput) {}

  /**
   * Measures, and checks the product.
   *
   * @throws IllegalArgumentException if the size is out of range
   */
  public static Result run(Request request) throws InterruptedException {
    KernelLookup.Choice choice = KernelLookup.choose();
    Timing timing;
    double operations;
    try (GemmProduct product =
        new GemmProduct(request.size(), request.threads(), choice.kernels())) {
      timing = Timing.of(product::run, request.seconds());
      product.check();
      operations = product.operations();
    }
    return new Result(
        choice.kernels().description(),
        timing,
        Throughput.of(operations, timing.medianSeconds(), request.threads()));
  }
}
