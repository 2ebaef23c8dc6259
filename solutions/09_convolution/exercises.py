# %% [markdown]
r"""
# Exercises 09 · Slide a small window

You compute how large a feature map is and how many weights it costs, write convolution by its definition and then as
columns, pool and send the slopes back, and find out how far a network sees.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("conv2d")` (or another task's name). Hints open one at a time.

Images have the shape `(N, C, H, W)`: examples, channels, rows, columns. Kernels have `(C_out, C_in, kh, kw)`. The
[lesson](lesson.ipynb) has all you need. Write the pieces with NumPy.
"""

# %%
import numpy as np

from introdl.checks import convolution as check

# %% [markdown] prompt="output_size" title="How large is the map?" minutes=5 difficulty=1
r"""
Return how many places a window has along one axis.

- in: whole numbers. `n`, pixels of the image; `k`, of the kernel; `stride`; `padding`, pixels added on *each* side;
  `dilation`, the distance between the kernel's numbers
- out: a whole number

With `n = 28, k = 3, stride = 2, padding = 1, dilation = 1` there are 14 places.
"""

# %% task="output_size"
def output_size(n: int, k: int, stride: int, padding: int, dilation: int) -> int:
    """Return the number of places of a window of k pixels along n pixels."""
    ### BEGIN SOLUTION
    reach = dilation * (k - 1) + 1
    return (n + 2 * padding - reach) // stride + 1
    ### END SOLUTION

# %% checks="output_size" points=1
check.output_size(output_size)

# %% [markdown] prompt="count_weights" title="What does it cost?" minutes=5 difficulty=1
r"""
Return the number of parameters of a convolution with square kernels: all numbers that are learned.

- in: `c_in` and `c_out`, the numbers of channels; `k`, the kernel's side; `bias`, whether there is one
- out: a whole number

From 3 channels to 16 with kernels of 3×3 and a bias: 448.
"""

# %% task="count_weights"
def count_weights(c_in: int, c_out: int, k: int, bias: bool) -> int:
    """Return the number of learned parameters of a convolution from c_in to c_out channels, kernels k x k."""
    ### BEGIN SOLUTION
    return c_out * (c_in * k * k + bias)
    ### END SOLUTION

# %% checks="count_weights" points=1
check.count_weights(count_weights)

# %% [markdown] prompt="pad" title="Put a frame around images" minutes=6 difficulty=1
r"""
Return images with a frame of zeros, `padding` pixels wide on all four sides.

- in: `X` of shape `(N, C, H, W)`; `padding`, a whole number, 0 or more
- out: a new array of shape `(N, C, H + 2 * padding, W + 2 * padding)`

Examples and channels are not padded.
"""

# %% task="pad"
def pad(X: np.ndarray, padding: int) -> np.ndarray:
    """Return X (N, C, H, W) with a frame of zeros around each channel of each image."""
    ### BEGIN SOLUTION
    return np.pad(X, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    ### END SOLUTION

# %% checks="pad" points=1
check.pad(pad)

# %% [markdown] prompt="conv2d" title="Convolve by the definition" minutes=20 difficulty=3
r"""
Convolve a batch, as deep learning does: the kernel is not flipped.

- in: `X` of shape `(N, C_in, H, W)`; `W` of shape `(C_out, C_in, kh, kw)`; `b` of shape `(C_out,)`; `stride`, the
  same in both directions
- out: an array of shape `(N, C_out, OH, OW)`, where `OH` and `OW` follow from task 1 (no padding, dilation 1)

The number at `[n, c, y, x]` is `b[c]` plus the sum, over all input channels, rows and columns of the kernel, of the
products of kernel `c` and the window whose upper left pixel is `(y * stride, x * stride)`. Loops are welcome here.
"""

# %% task="conv2d"
def conv2d(X: np.ndarray, W: np.ndarray, b: np.ndarray, stride: int) -> np.ndarray:
    """Return the feature maps (N, C_out, OH, OW) of images X.

    X: (N, C_in, H, W). W: (C_out, C_in, kh, kw). b: (C_out,). stride: of rows and columns.
    """
    ### BEGIN SOLUTION
    (N, _, H, width), (C_out, _, kh, kw) = X.shape, W.shape
    OH, OW = output_size(H, kh, stride, 0, 1), output_size(width, kw, stride, 0, 1)
    Y = np.empty((N, C_out, OH, OW))
    for y, x in np.ndindex(OH, OW):
        top, left = y * stride, x * stride
        window = X[:, np.newaxis, :, top : top + kh, left : left + kw]  # (N, 1, C_in, kh, kw)
        Y[:, :, y, x] = (window * W).sum(axis=(2, 3, 4)) + b
    return Y
    ### END SOLUTION

# %% checks="conv2d" points=3
check.conv2d(conv2d)

# %% [markdown] prompt="im2col" title="Windows as columns" minutes=15 difficulty=3
r"""
Return the windows of a batch as columns, so that a convolution becomes one matrix product.

- in: `X` of shape `(N, C, H, W)`; `k`, the side of a square kernel; stride 1, no padding
- out: an array of shape `(N, C * k * k, OH * OW)`

Column `y * OW + x` holds the window at place `(y, x)`: its numbers channel by channel, each channel row by row. That
is the order in which `W.reshape(C_out, -1)` has the weights. For an image of 4×4 with the numbers 0 to 15 and `k =
3`, the first column is 0, 1, 2, 4, 5, 6, 8, 9, 10.
"""

# %% task="im2col"
def im2col(X: np.ndarray, k: int) -> np.ndarray:
    """Return the columns (N, C * k * k, OH * OW) of images X (N, C, H, W)."""
    ### BEGIN SOLUTION
    N, C, H, W = X.shape
    OH, OW = H - k + 1, W - k + 1
    cols = np.empty((N, C, k, k, OH, OW), X.dtype)
    for i, j in np.ndindex(k, k):
        cols[:, :, i, j] = X[:, :, i : i + OH, j : j + OW]
    return cols.reshape(N, C * k * k, OH * OW)
    ### END SOLUTION

# %% checks="im2col" points=3
check.im2col(im2col)

# %% [markdown] prompt="max_pool" title="Keep the largest" minutes=8 difficulty=2
r"""
Max pooling with windows of `k` by `k` pixels that stand side by side.

- in: `X` of shape `(N, C, H, W)`; `k` divides `H` and `W`
- out: an array of shape `(N, C, H / k, W / k)` with the largest number of each window

`[[1, 3, 0, 0], [2, 9, 0, 1]]` with `k = 2` gives `[[9, 1]]`.
"""

# %% task="max_pool"
def max_pool(X: np.ndarray, k: int) -> np.ndarray:
    """Return the largest number in each window of k x k pixels: (N, C, H / k, W / k)."""
    ### BEGIN SOLUTION
    N, C, H, W = X.shape
    return X.reshape(N, C, H // k, k, W // k, k).max(axis=(3, 5))
    ### END SOLUTION

# %% checks="max_pool" points=2
check.max_pool(max_pool)

# %% [markdown] prompt="max_pool_backward" title="The way back through a maximum" minutes=12 difficulty=3
r"""
Return the gradient of the loss with respect to the input of max pooling.

- in: `dY` of shape `(N, C, H / k, W / k)`, the gradient of its output; `X` of shape `(N, C, H, W)`, its input; `k`.
  In each window one number is larger than all others.
- out: an array of the shape of `X`

Each window's slope goes to its largest number. All others change nothing, so theirs is 0.
"""

# %% task="max_pool_backward"
def max_pool_backward(dY: np.ndarray, X: np.ndarray, k: int) -> np.ndarray:
    """Return dX (N, C, H, W) for dY (N, C, H / k, W / k)."""
    ### BEGIN SOLUTION
    N, C, H, W = X.shape
    windows = X.reshape(N, C, H // k, k, W // k, k)
    largest = windows == windows.max(axis=(3, 5), keepdims=True)
    return (largest * dY[:, :, :, np.newaxis, :, np.newaxis]).reshape(X.shape)
    ### END SOLUTION

# %% checks="max_pool_backward" points=3
check.max_pool_backward(max_pool_backward)

# %% [markdown] prompt="receptive_field" title="How far does it see?" minutes=8 difficulty=2
r"""
Return the side of the receptive field, in pixels of the image, of one number behind some layers.

- in: `layers`, a list of pairs (kernel size, stride) from the first layer to the last; pooling counts as a layer, too
- out: a whole number; without layers a pixel sees itself, so 1

Two layers `[(3, 1), (3, 1)]` see 5 pixels, `[(3, 2), (3, 1)]` see 7.
"""

# %% task="receptive_field"
def receptive_field(layers: list[tuple[int, int]]) -> int:
    """Return how many pixels, along one axis, can change a number behind these layers.

    layers: (kernel size, stride) of each layer, in order.
    """
    ### BEGIN SOLUTION
    size, jump = 1, 1
    for k, stride in layers:
        size, jump = size + (k - 1) * jump, jump * stride
    return size
    ### END SOLUTION

# %% checks="receptive_field" points=2
check.receptive_field(receptive_field)

# %% [markdown] prompt="why_share" title="Explain in words" minutes=5 difficulty=2
r"""
A friend classifies photographs of the night sky: is there a comet in it, yes or no? She has 300 photographs and a
dense network, which reaches 100 % on the training photographs and 60 % on the validation photographs. Why would a
convolutional network with pooling over the whole image at its end suit this task better? Name two reasons. Then name
a task for which pooling over the whole image would be a bad idea. Three to five sentences are enough. When you have
written and saved your answer, `check.model_answer("why_share")` shows one to compare with.
"""

# %% [markdown] answer="why_share" points=2
r"""
A comet looks alike wherever it stands. A dense network has weights of its own for each place, so it must see comets
at each place to know them, and with that many weights it can learn 300 photographs by heart. A convolution uses the
same few weights everywhere: each comet trains them for all places, and there are far fewer weights to overfit with.
Pooling over the whole image asks whether there is a comet anywhere, which is exactly the question. It is a bad idea
wherever the place matters: to say in which corner the comet stands, or to tell a 6 from a 9, which have the same
strokes at other places.

**What to look for:** shared weights, so that what is learned at one place holds at all; far fewer weights, so less
overfitting; pooling over the whole image answers "anywhere?"; a task that needs the *where*.
"""
