package org.backdraft.kernel;

import static org.backdraft.kernel.SimdSpecies.BYTES;
import static org.backdraft.kernel.SimdSpecies.FLOATS;
import static org.backdraft.kernel.SimdSpecies.INTS;
import static org.backdraft.kernel.SimdSpecies.WIDTH;
import static org.backdraft.kernel.SimdSpecies.wholeVectors;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The SIMD twin of {@link ScalarPointwiseKernels}: whole vectors here, what is left of a range
 * (less than one vector) in scalar code.
 */
final class SimdPointwiseKernels implements PointwiseKernels {
  private final ScalarPointwiseKernels scalar = new ScalarPointwiseKernels();
  private final SimdActivation relu = new SimdRelu();
  private final SimdActivation logistic = new SimdLogistic();
  private final SimdActivation tanh = new SimdTanh();
  private final SimdActivation gelu = new SimdGelu();
  private final SimdActivation step = new SimdStep();
  private final SimdActivation leakyRelu = new SimdLeakyRelu();
  private final SimdActivation geluTanh = new SimdGeluTanh();
  private final SimdActivation relu6 = new SimdRelu6();
  private final SimdSoftplus softplus = new SimdSoftplus();
  private final SimdDropout dropout = new SimdDropout();

  @Override
  public void apply(
      PointwiseFunction function,
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length) {
    int whole = wholeVectors(length);
    activation(function).forward(slope, x, xBase, y, yBase, whole);
    scalar.apply(function, slope, x, xBase + whole, y, yBase + whole, length - whole);
  }

  @Override
  public void applyBackward(
      PointwiseFunction function,
      float slope,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    int whole = wholeVectors(length);
    activation(function).backward(slope, x, xBase, y, yBase, dy, dyBase, dx, dxBase, whole);
    scalar.applyBackward(
        function,
        slope,
        x,
        xBase + whole,
        y,
        yBase + whole,
        dy,
        dyBase + whole,
        dx,
        dxBase + whole,
        length - whole);
  }

  @Override
  public void add(float[] a, int aBase, float[] b, int bBase, float[] y, int yBase, int length) {
    int whole = wholeVectors(length);
    for (int i = 0; i < whole; i += WIDTH) {
      FloatVector left = FloatVector.fromArray(FLOATS, a, aBase + i);
      left.add(FloatVector.fromArray(FLOATS, b, bBase + i)).intoArray(y, yBase + i);
    }
    scalar.add(a, aBase + whole, b, bBase + whole, y, yBase + whole, length - whole);
  }

  @Override
  public void multiply(
      float[] a, int aBase, float[] b, int bBase, float[] y, int yBase, int length) {
    int whole = wholeVectors(length);
    for (int i = 0; i < whole; i += WIDTH) {
      FloatVector left = FloatVector.fromArray(FLOATS, a, aBase + i);
      left.mul(FloatVector.fromArray(FLOATS, b, bBase + i)).intoArray(y, yBase + i);
    }
    scalar.multiply(a, aBase + whole, b, bBase + whole, y, yBase + whole, length - whole);
  }

  @Override
  public void softplus(
      float beta, float threshold, float[] x, int xBase, float[] y, int yBase, int length) {
    int whole = wholeVectors(length);
    softplus.forward(beta, threshold, x, xBase, y, yBase, whole);
    scalar.softplus(beta, threshold, x, xBase + whole, y, yBase + whole, length - whole);
  }

  @Override
  public void softplusBackward(
      float beta,
      float threshold,
      float[] x,
      int xBase,
      float[] dy,
      int dyBase,
      float[] dx,
      int dxBase,
      int length) {
    int whole = wholeVectors(length);
    softplus.backward(beta, threshold, x, xBase, dy, dyBase, dx, dxBase, whole);
    scalar.softplusBackward(
        beta, threshold, x, xBase + whole, dy, dyBase + whole, dx, dxBase + whole, length - whole);
  }

  @Override
  public void dropout(
      float rate,
      long key,
      long stream,
      long first,
      float[] x,
      int xBase,
      float[] y,
      int yBase,
      int length) {
    dropout.run(rate, key, stream, first, x, xBase, y, yBase, length);
  }

  @Override
  public void decode(
      byte[] bytes, int bytesBase, float scale, float shift, float[] y, int yBase, int length) {
    // A vector of bytes may be longer than one of floats: whole ones of both.
    int whole = wholeVectors(Math.max(0, length - (BYTES.length() - WIDTH)));
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector shifts = FloatVector.broadcast(FLOATS, shift);
    for (int i = 0; i < whole; i += WIDTH) {
      ByteVector signed = ByteVector.fromArray(BYTES, bytes, bytesBase + i);
      IntVector unsigned =
          ((IntVector) signed.convertShape(VectorOperators.B2I, INTS, 0)).and(0xff);
      FloatVector v = (FloatVector) unsigned.convertShape(VectorOperators.I2F, FLOATS, 0);
      v.fma(scales, shifts).intoArray(y, yBase + i);
    }
    scalar.decode(bytes, bytesBase + whole, scale, shift, y, yBase + whole, length - whole);
  }

  private SimdActivation activation(PointwiseFunction function) {
    return switch (function) {
      case RELU -> relu;
      case LOGISTIC -> logistic;
      case TANH -> tanh;
      case GELU -> gelu;
      case STEP -> step;
      case LEAKY_RELU -> leakyRelu;
      case GELU_TANH -> geluTanh;
      case RELU6 -> relu6;
    };
  }
}
