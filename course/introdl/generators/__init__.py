"""Relatives of the first GAN: convolutional, paired, unpaired, styled; and how generators are judged. Unit 20."""

__all__ = ["checkpoint", "cycle", "dcgan", "digits", "frechet", "pix2pix", "style"]
