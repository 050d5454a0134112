# Upper bounds of surveillance::farringtonFlexible on made series, as fixtures for tests/test_farrington.py.
# Usage: Rscript tests/data/farrington.R > tests/data/farrington.json
suppressMessages(library(surveillance))
set.seed(20241124)
number <- function(x) ifelse(is.na(x), "null", formatC(x, digits = 12, format = "g"))
listed <- function(x) paste0("[", paste(number(x), collapse = ", "), "]")
cases <- c()
for (i in 1:24) {
  b <- 3 + i %% 3
  weeks <- 52 * b + 3 + 30
  level <- c(3, 12, 40, 90)[1 + i %% 4]
  phi <- c(1.3, 2, 3)[1 + i %% 3]
  slope <- c(0, 0.002, -0.003)[1 + (i %/% 4) %% 3]
  people <- round(10000 * exp(cumsum(rnorm(weeks, 0, 0.02))))
  with_offset <- i %% 2 == 0
  usual <- level * exp(slope * (1:weeks) + 0.4 * sin(2 * pi * (1:weeks) / 52))
  if (with_offset) usual <- usual * people / mean(people)
  counts <- rnbinom(weeks, size = usual / (phi - 1), mu = usual)
  counts[60:63] <- counts[60:63] + round(2 * level)
  trend <- i %% 4 < 2
  periods <- if (i %% 8 < 4) 10 else 1
  control <- list(range = weeks, b = b, w = 3, noPeriods = periods, trend = trend, pThresholdTrend = 0.05,
                  weightsThreshold = 2.58, pastWeeksNotIncluded = 26, thresholdMethod = "nbPlugin",
                  populationOffset = with_offset, alpha = 0.005, limit54 = c(0, 4), reweight = TRUE)
  series <- sts(observed = matrix(counts), population = matrix(people), frequency = 52, start = c(2015, 1))
  found <- suppressWarnings(farringtonFlexible(series, control))
  cases <- c(cases, paste0(
    '{"years": ', b, ', "seasons": ', periods, ', "trend": ', tolower(trend), ', "offset": ', tolower(with_offset),
    ', "counts": ', listed(counts), ', "population": ', listed(people),
    ', "expected": ', number(found@control$expected[1]), ', "dispersion": ', number(found@control$phiVector[1]),
    ', "kept_trend": ', tolower(found@control$trend[1] == 1), ', "upper": ', number(upperbound(found)[1]), "}"))
}
cat('{"source": "R ', as.character(getRversion()), ", surveillance ", as.character(packageVersion("surveillance")),
    '", "alpha": 0.005, "cases": [\n', paste(cases, collapse = ",\n"), "\n]}\n", sep = "")
