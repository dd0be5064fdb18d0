bucket       = "tech-platform-staging-terraform"
key          = "platform.tfstate"
region       = "eu-central-1"
encrypt      = true
use_lockfile = true
